"use strict";
const KEY = "harvester-token";
const byId = (id) => document.getElementById(id);
const show = (id) => { byId(id).hidden = false; };

function stored() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}

function report(chinese, english, good) {
  byId("result").className = good ? "good" : "bad";
  byId("result-zh").textContent = chinese;
  byId("result-en").textContent = english;
  show("result");
}

async function send(url, title) {
  byId("add").disabled = true;
  let answer, value;
  try {
    answer = await fetch("/add", {
      method: "POST",
      headers: { "Authorization": "Bearer " + stored(), "Content-Type": "application/json" },
      body: JSON.stringify({ url: url, title: title }),
    });
    value = await answer.json();
  } catch {
    report("连接失败：harvester listen 还在运行吗？", "No answer: is harvester listen still running?", false);
    byId("add").disabled = false;
    return;
  }
  if (answer.status === 401) {
    report("令牌不对：请重新设置此浏览器。", "The token is wrong: set this browser up anew.", false);
    return;
  }
  const first = value.results ? value.results[0] : { state: "refused", why: value.error };
  if (first.state === "refused") {
    report("未能加入：", first.why, false);
    return;
  }
  const known = first.state === "known";
  report(known ? "早已在列。" : "已加入。", known ? "It was known already." : "Queued.", true);
  setTimeout(() => window.close(), 1500);
}

const given = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", "/");
if (given.get("token")) {
  try { localStorage.setItem(KEY, given.get("token")); show("set-up"); } catch { show("no-store"); }
}
if (given.get("url")) {
  byId("url").textContent = given.get("url");
  byId("title").textContent = given.get("title") || "";
  show("sending");
  if (stored()) {
    byId("add").addEventListener("click", () => send(given.get("url"), given.get("title") || null));
    byId("add").focus();
  } else {
    byId("add").disabled = true;
    show("not-set-up");
  }
} else {
  // Single quotes only: others would be percent-encoded in the link.
  byId("bookmarklet").href = "javascript:void(window.open('" + location.origin + "/#url='" +
    "+encodeURIComponent(location.href)+'&title='+encodeURIComponent(document.title),'harvester'," +
    "'width=560,height=420'))";
  byId("endpoint").textContent = location.origin + "/add";
  show("setting-up");
  if (!stored()) show("not-set-up");
}
