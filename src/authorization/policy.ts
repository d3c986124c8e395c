export interface Policy {
  readonly _: never
}
export interface StatementRef {
  readonly policy: string
  readonly statement: number
}
export type Ruling = { readonly effect: "Allow" | "Deny"; readonly by: StatementRef } | { readonly effect: "Implicit" }
