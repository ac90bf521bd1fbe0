import { closeSync, openSync } from 'node:fs'
setTimeout(() => { closeSync(1); const f = openSync(process.env['SINK'] ?? '/dev/null', 'w'); if (f !== 1) process.stderr.write('fd ' + f) }, 2500)
await import('../dataplane/src/main.ts')
