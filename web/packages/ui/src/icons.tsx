import type { VNode } from 'preact';

/** The mark: a tendril that climbs and curls, with one leaf. `growing` draws it again and again. */
export function Mark({ growing = false, size = 24 }: { growing?: boolean; size?: number }): VNode {
  return (
    <svg class={growing ? 'mark growing' : 'mark'} viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <path class="stem" pathLength={100} d="M10 30C9 21 10.500 14.500 15 10.500c4.300-3.800 11-2 11 3.400 0 4.300-5 6.300-7.700 3.700-2-2-.7-5.300 2-5" />
      <path class="leaf" d="M10.200 22.500C5.600 22 2.800 18.800 3 13.700c4.900.3 7.700 3.300 7.200 8.800z" />
    </svg>
  );
}

/** An icon of one path. */
export function icon(d: string): () => VNode {
  return () => (
    <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={d} />
    </svg>
  );
}

export const SendIcon = icon('M12 19V5M5.500 11.500 12 5l6.500 6.500');
export const NewIcon = icon('M12 5v14M5 12h14');
export const CloseIcon = icon('M6 6l12 12M18 6 6 18');
export const MenuIcon = icon('M4 7h16M4 12h16M4 17h10');
export const DownIcon = icon('M12 5v14M5.500 12.500 12 19l6.500-6.500');

export function StopIcon(): VNode {
  return (
    <svg class="icon solid" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <rect x="5.5" y="5.5" width="13" height="13" rx="2.5" />
    </svg>
  );
}
