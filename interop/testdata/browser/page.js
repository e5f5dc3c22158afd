// begin asks the test for its cases, runs each, and hands it a function that tells the test what happened, in order.
export async function begin(run) {
	let last = Promise.resolve();
	const post = event => {
		last = last.then(() => fetch('/event', { method: 'POST', body: JSON.stringify(event) }));
	};
	window.addEventListener('error', e => post({ name: 'error', detail: e.message }));
	window.addEventListener('unhandledrejection', e => post({ name: 'error', detail: String(e.reason) }));
	for (const test of await (await fetch('/cases')).json()) {
		run(test, (name, detail = '') => post({ case: test.name, name, detail: String(detail) }));
	}
}
