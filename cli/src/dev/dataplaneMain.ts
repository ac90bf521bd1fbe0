// The data plane of a run of dev is the real one, in a process of its own. However dev came to its end, it ends too.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))

await import('@gatehouse/dataplane/main')
