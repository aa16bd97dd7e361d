// Before the rest is read: without a listener Node answers SIGUSR1 by opening its debugger.
process.on('SIGUSR1', () => undefined)

const { runCommandLine } = await import('./cli.ts')
await runCommandLine(process.argv)
