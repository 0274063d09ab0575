/** What a name is the same as on file systems that ignore case, ways to write a letter, and characters that aren't seen. */
export function foldName(name: string): string {
  const seen = name.normalize("NFKC").replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, "");
  return seen.toUpperCase().toLowerCase();
}
