/** Where a photo of papers lies in `FILES`: under its hash it says nothing of another account's. */
export const photoKey = (facility: string, account: string, hash: string) => `${facility}/${account}/${hash}`
