// How a server ends: once, and with nothing of it left running.

/** Stops the server on Ctrl-C, on SIGTERM, and when whoever started this process is gone without a word. */
export function endsWithUs(stop: () => Promise<void>): void {
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    void stop().then(() => process.exit(0))
  }
  for (const sign of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(sign, end)
}
