// Each row ends in a checksum over its table, its key and its text: SQLite finds broken pages, but not one changed letter. JSON has no line
// break of its own, so the last line is the checksum.

const tail = 9;

export function sealRow(table: string, key: string, text: string): string {
  return `${text}\n${checksum(table, key, text)}`;
}

/** The text of a sealed row; undefined when one bit of it is another than was written. */
export function unsealRow(table: string, key: string, sealed: string): string | undefined {
  const text = sealed.slice(0, -tail);
  return sealed === `${text}\n${checksum(table, key, text)}` ? text : undefined;
}

function checksum(table: string, key: string, text: string): string {
  return Bun.hash.crc32(`${table}\n${key}\n${text}`).toString(16).padStart(8, "0");
}
