// Files from the server: downloaded, or shown in a new tab.

export function keep(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** Opens a tab at a click, with a text until the page comes; null if the browser blocks it. */
export function openTab(title: string): Window | null {
  const tab = window.open('', '_blank')
  if (!tab) return null
  const { document: page } = tab
  page.title = title
  const said = page.createElement('p')
  const begun = Date.now()
  const tell = (): void => { said.textContent = `${title} … ${Math.round((Date.now() - begun) / 1000)} s` }
  tell()
  page.body.append(said, page.createElement('progress'))
  const timer = window.setInterval(() => (tab.closed || !said.isConnected ? window.clearInterval(timer) : tell()), 1000)
  return tab
}

/** Shows a page in a tab opened at the click: browsers block tabs that are opened later. */
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
