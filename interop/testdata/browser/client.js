// A WebSocket client of Node's world that asks with OPTIONS in every way that frames allow, and prints what comes back, one line for each step:
//
//	node client.js URL [CA-FILE]
const { readFileSync } = require('node:fs');
const { once } = require('node:events');
const WebSocket = require('ws');

const [url, ca] = process.argv.slice(2);
const options = ca ? { ca: readFileSync(ca) } : {};
const transport = url.startsWith('wss:') ? 'WSS' : 'WS';
const host = new URL(url).host;

let asked = 0;

// request returns the next request. There are letters in it of two and three octets, which fragments cut through.
function request(method, body = '') {
	asked++;
	return [
		`${method} sip:echo@${host} SIP/2.0`,
		`Via: SIP/2.0/${transport} client.invalid;branch=z9hG4bKnode${asked}`,
		'Max-Forwards: 70',
		`From: "Zoë 小" <sip:node@client.invalid>;tag=n${asked}`,
		`To: <sip:echo@${host}>`,
		`Call-ID: node${asked}@client.invalid`,
		`CSeq: ${asked} ${method}`,
		'Content-Type: text/plain',
		`Content-Length: ${Buffer.byteLength(body)}`,
		'', body].join('\r\n');
}

// answer describes a message: its first line, whether it is for the last request, and its kind of frame.
function answer(data, binary) {
	const text = data.toString();
	const ours = text.includes(`\r\nCSeq: ${asked} `) && text.includes(`\r\nCall-ID: node${asked}@client.invalid\r\n`);
	return `${text.split('\r\n', 1)[0]}${ours ? '' : ' (not ours)'}, ${binary ? 'binary' : 'text'}`;
}

// fragments sends data in frames of size octets.
function fragments(socket, data, size, binary = false) {
	for (let i = 0; i < data.length; i += size) {
		socket.send(data.subarray(i, i + size), { binary, fin: i + size >= data.length });
	}
}

// refused connects with protocols that the server must not take, and tells its answer.
async function refused(protocols) {
	const socket = new WebSocket(url, protocols, options);
	socket.on('error', () => {}); // of the handshake that we give up
	const [, response] = await once(socket, 'unexpected-response');
	const said = `${response.statusCode} ${response.headers['sec-websocket-protocol'] ?? 'no protocol'}`;
	response.resume();
	socket.terminate();
	return said;
}

async function main() {
	const print = (step, what) => console.log(`${step}: ${what}`);
	const socket = new WebSocket(url, ['chat', 'sip'], options); // offers permessage-deflate too
	await once(socket, 'open');
	print('open', `${socket.protocol} with extensions "${socket.extensions}"`);
	const step = async (name, send) => {
		const reply = once(socket, 'message');
		send();
		print(name, answer(...await reply));
	};
	const octets = method => Buffer.from(request(method));

	await step('text', () => socket.send(request('OPTIONS')));
	await step('binary', () => socket.send(octets('OPTIONS'), { binary: true }));
	await step('an octet each', () => fragments(socket, octets('OPTIONS'), 1));
	await step('binary fragments', () => fragments(socket, octets('OPTIONS'), 100, true));
	await step('60,000 octets', () => fragments(socket, Buffer.from(request('MESSAGE', 'x'.repeat(60000))), 9999));

	// A ping between two fragments is answered at once, not after the message (RFC 6455, Section 5.4).
	const between = octets('OPTIONS');
	const pong = once(socket, 'pong');
	socket.send(between.subarray(0, 50), { binary: false, fin: false });
	socket.ping('are you there?');
	print('pong', (await pong)[0]);
	await step('after the ping', () => socket.send(between.subarray(50), { binary: false, fin: true }));

	const closed = once(socket, 'close');
	socket.close(1000, 'done');
	print('close', (await closed)[0]);

	print('no subprotocol', await refused([]));
	print('another subprotocol', await refused(['chat', 'sips']));
}

main().catch(e => {
	console.error(e);
	process.exitCode = 1;
});
