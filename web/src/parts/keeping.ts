// Files that a person takes away: handed over as a download, or shown in a tab of their own.

export function keep(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** Puts a page into a tab; the tab is opened first, at the click, because a browser refuses one that comes later. */
export function showIn(tab: Window, blob: Blob): void {
  tab.location.href = URL.createObjectURL(blob) // kept as long as this page: the tab can be loaded again
}

/** Copies a text; false where the browser does not allow it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
