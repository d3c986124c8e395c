/** Time that this thread computes, which other processes on the machine do not lengthen. */

export const cpuMillisOf = (work: () => void): number => {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
