// A promise that the database keeps itself is asked of it, not looked up before: between the two somebody is faster.

/** Whether a batch failed at this constraint, such as `detainee.number`; nothing of it was written then. */
export const brokeConstraint = (error: unknown, column: string): boolean =>
  error instanceof Error && /constraint failed/.test(error.message) && error.message.includes(column)
