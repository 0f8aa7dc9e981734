// What a reader sees of the replayed page of a URL: found through frames and shadow roots, all of one origin.
const wanted = arguments[0];

function documents(root, found) {
  for (const node of root.querySelectorAll("*")) {
    if (node.shadowRoot) documents(node.shadowRoot, found);
    if (node.tagName === "IFRAME") {
      const inner = node.contentDocument;
      if (inner && inner.body) {
        found.push(inner);
        documents(inner, found);
      }
    }
  }
  return found;
}

function visible(node) {
  const box = node.getBoundingClientRect();
  const shown = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return shown && box.width > 0 && box.height > 0;
}

// The address of the replayed page ends with its URL, behind the tool's own prefix and timestamp.
const page = documents(document, [document]).find(
  (one) => one.readyState === "complete" && one.location.href.split("mp_/").pop() === wanted
);
if (!page) return null;
const text = (selector) => [...page.querySelectorAll(selector)].filter(visible).map((node) => node.innerText.trim());
const images = [...page.images].map((image) => {
  image.scrollIntoView();
  return { src: image.src, width: image.naturalWidth, visible: visible(image) };
});
page.defaultView.scrollTo(0, 0);
return {
  href: page.location.href,
  headings: text("h1"),
  text: page.body.innerText,
  root: text("#js_content, main"),
  images: images,
  label: text("header.label"),
};
