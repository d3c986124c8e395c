/** Conformance. */
import { Empty } from "../parts/basic.tsx"

export const ConformancePage = () => (
  <>
    <div className="pageHead">
      <h1>Conformance</h1>
    </div>
    <Empty>This page is being built.</Empty>
  </>
)
