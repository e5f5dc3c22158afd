// A page that speaks SIP over WebSocket without a library: each case sends one message and tells what comes back.
import { begin } from './page.js';

begin((test, tell) => {
	const socket = new WebSocket(test.server, 'sip');
	socket.onopen = () => {
		tell('open', socket.protocol);
		socket.send(test.message);
	};
	socket.onmessage = e => {
		tell('message', e.data.split('\r\n', 1)[0]);
		socket.close(1000);
	};
	socket.onclose = e => tell('close', `${e.code}${e.wasClean ? '' : ', not clean'}`);
});
