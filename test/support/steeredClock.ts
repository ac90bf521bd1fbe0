/**
 * Loaded before a data plane: its parent may set the wall clock ahead, to see in moments what takes days. Durations, which
 * are measured by another clock, stay as they are.
 */

const machine = Date.now
let ahead = 0
Date.now = () => machine() + ahead

process.on('message', (message: { readonly ahead: number }) => {
  ahead = message.ahead
  process.send?.('set')
})
process.channel?.unref()
