/** Machines. */
import { Empty } from "../parts/basic.tsx"

export const MachinesPage = () => (
  <>
    <div className="pageHead">
      <h1>Machines</h1>
    </div>
    <Empty>This page is being built.</Empty>
  </>
)
