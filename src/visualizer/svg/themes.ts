/** The colours of drawings. Colour is never the only sign: a highlighted state is also thicker, and labelled. */

export interface Theme {
  readonly page: string
  readonly text: string
  readonly quiet: string
  readonly line: string
  readonly box: { readonly fill: string; readonly stroke: string }
  readonly state: { readonly fill: string; readonly stroke: string }
  readonly visited: { readonly fill: string; readonly stroke: string }
  readonly active: { readonly fill: string; readonly stroke: string; readonly text: string; readonly note: string }
  readonly path: string
  readonly refused: string
}

export const themes = {
  light: {
    page: "#ffffff",
    text: "#1b2330",
    quiet: "#566174",
    line: "#7b8798",
    box: { fill: "#f6f8fb", stroke: "#d3dae5" },
    state: { fill: "#ffffff", stroke: "#8b97a8" },
    visited: { fill: "#e6f0fb", stroke: "#5b8fc7" },
    active: { fill: "#0b5cad", stroke: "#083f78", text: "#ffffff", note: "#dcebfb" },
    path: "#0b5cad",
    refused: "#b3261e"
  },
  dark: {
    page: "#12161d",
    text: "#e8edf4",
    quiet: "#a3afc0",
    line: "#8390a3",
    box: { fill: "#191f29", stroke: "#343e4d" },
    state: { fill: "#222a36", stroke: "#6b788b" },
    visited: { fill: "#1d3450", stroke: "#5c94d1" },
    active: { fill: "#5aa9f5", stroke: "#bfe0ff", text: "#0a1420", note: "#13263a" },
    path: "#7cc0ff",
    refused: "#ff8a80"
  },
  mono: {
    page: "#ffffff",
    text: "#000000",
    quiet: "#000000",
    line: "#000000",
    box: { fill: "#ffffff", stroke: "#000000" },
    state: { fill: "#ffffff", stroke: "#000000" },
    visited: { fill: "#e4e4e4", stroke: "#000000" },
    active: { fill: "#000000", stroke: "#000000", text: "#ffffff", note: "#ffffff" },
    path: "#000000",
    refused: "#000000"
  }
} as const satisfies Record<string, Theme>

/** The name of a theme. */
export type ThemeName = keyof typeof themes
