const paths = {
  pause: 'M5 3v10M11 3v10',
  play: 'M5 3l8 5-8 5z',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3.5 3.5',
  copy: 'M6 6h7v7H6zM3.5 10V3.5H10',
  down: 'M8 3v10M4 9l4 4 4-4',
  close: 'M4 4l8 8M12 4l-8 8',
  refresh: 'M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3l2 1.5',
  warn: 'M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5v.1',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  print: 'M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z'
} as const

/** A small line drawing; words beside it say what it means. */
export const Icon = ({ name }: { name: keyof typeof paths }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)

/** The mark: water under an arch. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path class="mark-arch" d="M5 26V16a11 11 0 0 1 22 0v10" />
    <path class="mark-water" d="M10 19c2-2 4-2 6 0s4 2 6 0M10 25c2-2 4-2 6 0s4 2 6 0" />
  </svg>
)
