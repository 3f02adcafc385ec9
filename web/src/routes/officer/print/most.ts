/** A batch is one cell's letters; more than this at once is a mistake of the hand. */
export const mostPrinted = 100
