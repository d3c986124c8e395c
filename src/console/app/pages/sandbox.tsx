/** Sandbox. */
import { Empty } from "../parts/basic.tsx"

export const SandboxPage = () => (
  <>
    <div className="pageHead">
      <h1>Sandbox</h1>
    </div>
    <Empty>This page is being built.</Empty>
  </>
)
