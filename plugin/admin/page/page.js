"use strict";
// The page is whole without this script, which fetches it again when something has happened.
(() => {
	const main = document.getElementById("main");
	const live = document.getElementById("live");
	let due = null;

	async function refresh() {
		due = null;
		if (main.contains(document.activeElement) && document.activeElement.tagName === "INPUT") {
			later(5000); // somebody types
			return;
		}
		const response = await fetch(location.href, {headers: {Accept: "text/html"}});
		if (!response.ok) {
			return;
		}
		const page = new DOMParser().parseFromString(await response.text(), "text/html");
		const focused = document.activeElement && document.activeElement.getAttribute("href");
		main.replaceChildren(...page.getElementById("main").childNodes);
		live.replaceChildren(...page.getElementById("live").childNodes);
		say("It follows what happens.");
		if (focused) {
			const again = main.querySelector(`a[href="${CSS.escape(focused)}"]`);
			if (again) {
				again.focus();
			}
		}
	}

	function later(ms) {
		if (due === null) {
			due = setTimeout(() => refresh().catch(() => {}), ms);
		}
	}

	function say(text) {
		const updates = document.getElementById("updates");
		if (updates) {
			updates.textContent = text;
		}
	}

	const events = new EventSource("/v1/events");
	events.onopen = () => say("It follows what happens.");
	events.onerror = () => say("The connection is lost; it is tried again.");
	for (const kind of ["check", "endpoint", "pool", "degraded", "frozen", "override", "release", "reload", "store", "publish"]) {
		events.addEventListener(kind, () => later(1000));
	}
	setInterval(() => later(0), 60000);
})();
