/** Whose days or months a quota counts by. */
export type Period = 'Day' | 'Month'

const dayLength = 86_400_000
/** No place's date is further from UTC's, nor moved further at once, in milliseconds. */
const widest = 2 * dayLength

/**
 * The days or months of a time zone, numbered one after the other. Where one begins is looked up once, when it has begun:
 * a day of a change of the clocks has 23 or 25 hours, and months have their own lengths.
 */
export class Calendar {
  readonly #period: Period
  readonly #dates: Intl.DateTimeFormat
  #number = 0
  /** Microseconds since the epoch, the end not included. */
  #start = 0
  #end = 0

  /** @throws RangeError for a time zone that is not known */
  constructor(period: Period, timeZone: string) {
    this.#period = period
    this.#dates = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    })
  }

  /** The number of the period in which a moment lies. @param now - microseconds since the epoch */
  numberAt(now: number): number {
    if (now < this.#start || now >= this.#end) this.#turnTo(now)
    return this.#number
  }

  /** When the period that was asked for last begins, in microseconds since the epoch. */
  get start(): number {
    return this.#start
  }

  /** When the period that was asked for last ends, in microseconds since the epoch. */
  get end(): number {
    return this.#end
  }

  #turnTo(now: number): void {
    const time = Math.floor(now / 1000)
    this.#number = this.#numberOf(time)
    this.#start = this.#begin(this.#number) * 1000
    this.#end = this.#begin(this.#number + 1) * 1000
  }

  /** The first millisecond whose date lies in a period or after it. */
  #begin(number: number): number {
    const utc = this.#period === 'Day' ? number * dayLength : Date.UTC(1970, number, 1)
    let before = utc - widest
    let from = utc + widest
    while (from - before > 1) {
      const middle = Math.floor((before + from) / 2)
      if (this.#numberOf(middle) >= number) from = middle
      else before = middle
    }
    return from
  }

  /** Days or months since 1970-01-01, by the dates of the time zone. @param time - milliseconds since the epoch */
  #numberOf(time: number): number {
    let [year, month, day] = [0, 0, 0]
    for (const { type, value } of this.#dates.formatToParts(time)) {
      if (type === 'year') year = Number(value)
      else if (type === 'month') month = Number(value)
      else if (type === 'day') day = Number(value)
    }
    return this.#period === 'Day' ? Date.UTC(year, month - 1, day) / dayLength : (year - 1970) * 12 + month - 1
  }
}
