/** Where to go after the door: an address of this site only, never one that a link smuggled in. */
export function nextPlace(params: { get(name: string): string | null }): string {
  const asked = params.get("next") ?? "/";
  return asked.startsWith("/") && !asked.startsWith("//") && !asked.startsWith("/\\") ? asked : "/";
}
