// What a server has asked of its databases.
export interface Spent {
  trips: number
  statements: number
  rowsRead: number
  rowsWritten: number
}

export const nothing = (): Spent => ({ trips: 0, statements: 0, rowsRead: 0, rowsWritten: 0 })
