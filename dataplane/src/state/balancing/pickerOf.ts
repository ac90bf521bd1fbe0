import type { Balancing } from '@gatehouse/contract'
import { consistentHash } from './consistentHash.ts'
import { leastRequest } from './leastRequest.ts'
import { peakEwma } from './peakEwma.ts'
import type { Addresses, Picker } from './picker.ts'
import { roundRobin } from './roundRobin.ts'

/** @param start - from 0 up to, but not including, 1: where a turn begins, so that not all begin at the same place */
export function pickerOf(pick: Balancing['pick'], addresses: Addresses, start: number): Picker {
  switch (pick.type) {
    case 'RoundRobin':
      return roundRobin(addresses, start)
    case 'LeastRequest':
      return leastRequest(addresses)
    case 'PeakEwma':
      return peakEwma(addresses)
    case 'ConsistentHash':
      return consistentHash(addresses)
  }
}
