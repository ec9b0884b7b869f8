/** Fields of one line of CSV (RFC 4180): a field in quotes may hold commas, and quotes twice. @throws Error in the words of Go's encoding/csv */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  for (let rest = line; ;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest);
    if (quoted === null && rest.startsWith('"')) {
      throw new Error(`parse error on line 1, column ${line.length + 1}: extraneous or missing " in quoted-field`);
    }
    const end = quoted?.[0].length ?? rest.indexOf(",");
    const length = end === -1 ? rest.length : end;
    fields.push(quoted?.[1]?.replaceAll('""', '"') ?? rest.slice(0, length));
    if (length >= rest.length) return fields;
    rest = rest.slice(length + 1);
  }
}
