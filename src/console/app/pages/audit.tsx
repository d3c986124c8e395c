/** Audit. */
import { Empty } from "../parts/basic.tsx"

export const AuditPage = () => (
  <>
    <div className="pageHead">
      <h1>Audit</h1>
    </div>
    <Empty>This page is being built.</Empty>
  </>
)
