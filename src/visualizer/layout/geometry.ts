/** The positions of all parts of a drawing: numbers only. A program that has them needs no layout engine. */

/** A rectangle of a drawing. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A point of a drawing. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Where a line and its text stand. */
export interface EdgeGeometry {
  /** Corners of the line, from its source to its target; it turns at right angles. */
  readonly points: ReadonlyArray<Point>
  /** Where its words stand; absent when it has none. */
  readonly label?: Box
}

/** Where everything in a drawing stands. */
export interface Geometry {
  readonly width: number
  readonly height: number
  /** Boxes of states, dots and forks, by id. */
  readonly nodes: Readonly<Record<string, Box>>
  /** Where the name and the notes of a box of states stand, by the box's id: no line crosses them. */
  readonly heads: Readonly<Record<string, Box>>
  /** Lines, by the edge's id. */
  readonly edges: Readonly<Record<string, EdgeGeometry>>
}
