/** The embed's lazy chunk. */
export function open(root: ShadowRoot, site: string): void {
  root.append(site);
}
