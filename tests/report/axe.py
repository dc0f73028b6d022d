"""What axe finds in a browser's page that is serious or critical.

Colours take axe three quarters of its time, most of it for rows that look alike. They are looked at once for each look:
a text with its size, weight and colour, on its grounds, as computed, and with the classes up the tree. A look that has
passed on one page is not looked at again on another by the same process.
"""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

PASSED: set[str] = set()
"""The looks whose colours axe has let pass."""

RULES = """async () => {
  const slight = axe._audit.rules.filter(rule => ['minor', 'moderate'].includes(rule.impact)).map(rule => rule.id)
  const left = [...slight, 'color-contrast', 'link-in-text-block']
  const rules = Object.fromEntries(left.map(id => [id, { enabled: false }]))
  const found = await axe.run(document, { rules, resultTypes: ['violations'] })
  return found.violations.map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 200))])
}"""

COLOURS = """async ([passed, code]) => {
  const known = new Set(passed)
  const looks = new Map()
  const lookOf = node => {
    if (!looks.has(node)) {
      const around = node.assignedSlot ?? node.parentElement ?? node.getRootNode().host
      const style = getComputedStyle(node)
      const own = [
        node.localName, node.getAttribute('class'), node.getAttribute('aria-disabled'), style.position, style.color,
        style.backgroundColor, style.backgroundImage, style.opacity, style.fontSize, style.fontWeight, style.textShadow,
      ].join()
      let [one, two] = around ? lookOf(around) : [1, 2]
      for (let place = 0; place < own.length; place += 1) {
        one = Math.imul(one ^ own.charCodeAt(place), 2654435761)
        two = Math.imul(two ^ own.charCodeAt(place), 1597334677)
      }
      looks.set(node, [one, two])
    }
    return looks.get(node)
  }
  const inView = node => {
    const { top, left, bottom, right } = node.getBoundingClientRect()
    return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  }
  const field = 'select, textarea, input:not([type=range], [type=checkbox], [type=radio], [type=file])'
  const texts = new Map()
  const visit = node => {
    for (const child of node.children) {
      const words = [...child.childNodes].filter(one => one.nodeType === Node.TEXT_NODE).map(one => one.data).join()
      const judged = (/[\\p{L}\\p{N}]/u.test(words) || child.matches(field)) && !child.matches(':disabled')
      if (judged && child.checkVisibility({ visibilityProperty: true })) {
        const look = lookOf(child).join()
        const others = texts.get(look)
        if (!others && !known.has(look)) texts.set(look, [child])
        else if (others && inView(child) && !inView(others[0])) others.unshift(child)
        else if (others) others.push(child)
      }
      visit(child)
      if (child.shadowRoot) visit(child.shadowRoot)
    }
  }
  visit(document.body)
  if (code) {
    const kept = new Set()
    for (let [node] of texts.values()) for (; node; node = node.parentElement) kept.add(node)
    for (const word of document.querySelectorAll(code)) if (!kept.has(word)) word.replaceWith(...word.childNodes)
  }
  const wrong = [], right = new Set(), judged = new Set()
  axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-judged]' }] })
  const judge = async (nodes, rules) => {  // both in one go, as axe takes half of its time to lay out the page
    const marked = nodes.flatMap(node => [node, ...node.querySelectorAll('*')])
    for (const node of marked) node.setAttribute('data-judged', '')
    const found = await axe.run(document, { runOnly: rules, elementRef: true, selectors: false })
    for (const node of marked) node.removeAttribute('data-judged')
    const html = node => node.html.replaceAll(' data-judged=""', '').slice(0, 200)
    for (const { id, nodes } of found.violations) wrong.push([id, nodes.map(html)])
    const of = results => results.filter(rule => rule.id === 'color-contrast').flatMap(rule => rule.nodes)
    for (const node of of(found.violations)) judged.add(node.element)
    for (const node of of(found.passes)) judged.add(node.element), right.add(node.element)
  }
  await judge([...texts.values()].map(([first]) => first), ['color-contrast', 'link-in-text-block'])
  const open = [...texts.values()].filter(([first]) => !judged.has(first)).flatMap(([, ...others]) => others)
  const shown = open.filter(node => node.isConnected)  // axe could not tell of the first that looks so
  if (shown.length) await judge(shown, ['color-contrast'])
  const passes = [...texts].filter(([, nodes]) => nodes.some(node => right.has(node))).map(([look]) => look)
  return [wrong, passes]
}"""


def serious(page: Page, *schemes: Literal["light", "dark"], code: str = "") -> list[Any]:
    """The rules that are broken, each with its places on the page; colours in each of the schemes, or as they are.

    `code`: a selector of words that have nothing but colours; those that look like others become plain text.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[Any] = []
    for scheme in schemes or (None,):
        if scheme:
            page.emulate_media(color_scheme=scheme)
        wrong, passed = page.evaluate(COLOURS, [[*PASSED], code])
        PASSED.update(passed)
        found += [(scheme, *rule) for rule in wrong]
    return found + list(page.evaluate(RULES))
