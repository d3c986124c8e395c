/** Hand-drawn icons; each stands next to a word of the same meaning. */
import type { ReactNode } from "react"

const icon = (children: ReactNode) => (
  <svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="2"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    {children}
  </svg>
)

export const icons = {
  enabled: icon(
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="m8 12.5 2.7 2.7L16 9.6" />
    </>
  ),
  disabled: icon(
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M9.5 9v6M14.5 9v6" />
    </>
  ),
  pendingDeletion: icon(<path d="M7 3h10M7 21h10M8 3v3.5c0 2.5 8 5 8 8.5V21M16 3v3.5c0 2.5-8 5-8 8.5V21" />),
  pendingImport: icon(<path d="M12 4v10m0 0-4-4m4 4 4-4M4 16v4h16v-4" />),
  deleted: icon(
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="m9 9 6 6m0-6-6 6" />
    </>
  ),
  yes: icon(<path d="m5 12.5 4.5 4.5L19 7.5" />),
  no: icon(<path d="m6 6 12 12M18 6 6 18" />),
  warning: icon(<path d="M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 2.6v.1" />),
  info: icon(
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 11v5.5m0-9v.1" />
    </>
  ),
  clock: icon(
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7v5.2l3.4 2" />
    </>
  ),
  overview: icon(<path d="M4 4h7v7H4zM13 4h7v4h-7zM13 11h7v9h-7zM4 14h7v6H4z" />),
  keys: icon(
    <>
      <circle cx="8" cy="12" r="4" />
      <path d="M12 12h9m-3 0v3.5" />
    </>
  ),
  sandbox: icon(<path d="M9 3h6M10 3v6l-5 9.5A1.7 1.7 0 0 0 6.5 21h11a1.7 1.7 0 0 0 1.5-2.5L14 9V3M8 15h8" />),
  machines: icon(
    <>
      <rect x="3" y="4" width="7" height="6" rx="2" />
      <rect x="14" y="14" width="7" height="6" rx="2" />
      <path d="M10 7h5.5a2 2 0 0 1 2 2v5" />
    </>
  ),
  audit: icon(<path d="M6 3h9l4 4v14H6zM15 3v4h4M9.5 12h6M9.5 16h6" />),
  conformance: icon(
    <path d="M12 3 4.5 6v5.5c0 4.6 3.1 8 7.5 9.5 4.400-1.500 7.500-4.900 7.500-9.500V6zm-3.200 9 2.400 2.400 4.200-4.600" />
  ),
  copy: icon(<path d="M9 9h11v11H9zM15 9V4H4v11h5" />),
  people: icon(
    <path d="M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6 9c0-3.600 2.700-6 6-6s6 2.400 6 6m1-16a3.500 3.500 0 0 1 0 7m2 3.500c1.900.9 3 2.900 3 5.500" />
  ),
  more: icon(<path d="M5 12h.1M12 12h.1M19 12h.1" strokeWidth="3" />),
  live: icon(<circle cx="12" cy="12" r="6" fill="currentColor" />),
  away: icon(<circle cx="12" cy="12" r="7" strokeDasharray="3 3.500" />)
} as const

export const Mark = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" fill="#0b5cad" />
    <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
      <circle cx="12" cy="16" r="5" />
      <path d="M17 16h9m-3.500 0v4.500" />
    </g>
  </svg>
)
