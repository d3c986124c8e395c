/** The CPU time of this thread, which other processes on the machine do not affect. */

export const cpuMillisOf = (work: () => void): number => {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
