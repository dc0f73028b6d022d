// What the page remembers in this browser. If the browser's store is full or closed, the page works on without.

/** Remembers a text over a reload; an empty one is forgotten. */
export function remember(key: string, text: string): void {
  try {
    if (text) localStorage.setItem(key, text)
    else localStorage.removeItem(key)
  } catch {
    // full or closed: it does not survive a reload
  }
}

/** The texts of a form as they were remembered; those of an empty form if none were. */
export function remembered<T extends Record<keyof T, string>>(key: string, empty: T): T {
  try {
    const said = { ...empty, ...(JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<T> | null) }
    return Object.values(said).every((each) => typeof each === 'string') ? said : empty
  } catch {
    return empty
  }
}
