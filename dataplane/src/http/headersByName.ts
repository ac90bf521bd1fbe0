/** @param headers - name, value, name, value … @returns all values of each name */
export function headersByName(headers: readonly string[]): Record<string, string[]> {
  const byName: Record<string, string[]> = {}
  for (let at = 0; at < headers.length; at += 2) (byName[headers[at]!] ??= []).push(headers[at + 1]!)
  return byName
}
