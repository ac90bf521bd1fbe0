/** Which of the two evaluations a thing is made for: the one that decides, or the one that is only recorded (M9). */
export type Purpose = 'Enforce' | 'Shadow'
