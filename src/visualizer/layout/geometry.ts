/** The positions of all parts of a drawing, as numbers. A program with a geometry needs no layout engine. */

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

/** The position of an arrow and its label. */
export interface EdgeGeometry {
  /** The corners of the arrow from source to target, at right angles. */
  readonly points: ReadonlyArray<Point>
  /** The position of its label; absent without one. */
  readonly label?: Box
}

/** The positions of everything in a drawing. */
export interface Geometry {
  readonly width: number
  readonly height: number
  /** Boxes of states, dots and forks, by id. */
  readonly nodes: Readonly<Record<string, Box>>
  /** The positions of titles and notes, by the id of their box: no arrow crosses them. */
  readonly heads: Readonly<Record<string, Box>>
  /** Arrows by the edge's id. */
  readonly edges: Readonly<Record<string, EdgeGeometry>>
}
