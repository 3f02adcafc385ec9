// Words looked up by a name that came from the house: a newer server may know a move that this page does not.
export const wordFor = (words: Readonly<Record<string, string>>, name: string): string =>
  new Map(Object.entries(words)).get(name) ?? name
