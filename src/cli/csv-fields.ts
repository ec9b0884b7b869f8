/** Fields of one line of CSV (RFC 4180): a field in quotes may hold commas, and quotes twice. @throws Error in the words of Go's encoding/csv */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  for (let rest = line; ;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest);
    const wrong = (at: number, reason: string): Error =>
      new Error(`parse error on line 1, column ${line.length - rest.length + at + 1}: ${reason}`);
    if (quoted === null && rest.startsWith('"')) {
      // Up to a quote with something else behind it, or to the end of the line.
      const [until = ""] = /^"(?:[^"]|"")*/.exec(rest) ?? [];
      throw wrong(until.length, 'extraneous or missing " in quoted-field');
    }
    const end = quoted?.[0].length ?? rest.indexOf(",");
    const length = end === -1 ? rest.length : end;
    const bare = quoted === null ? rest.slice(0, length).indexOf('"') : -1;
    if (bare !== -1) throw wrong(bare, 'bare " in non-quoted-field');
    fields.push(quoted?.[1]?.replaceAll('""', '"') ?? rest.slice(0, length));
    if (length >= rest.length) return fields;
    rest = rest.slice(length + 1);
  }
}
