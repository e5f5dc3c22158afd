// A page that calls: JsSIP places one call for each case, all at the same time, and the page tells the test whatever JsSIP says of it.
import JsSIP from 'jssip';
import { begin } from './page.js';

begin((test, tell) => {
	const ua = new JsSIP.UA({
		sockets: [new JsSIP.WebSocketInterface(test.server)],
		uri: 'sip:browser@page.invalid',
		register: false,
	});
	ua.on('connected', () => {
		tell('connected');
		const call = ua.call(test.callee, { mediaConstraints: { audio: true, video: test.video } });
		for (const name of ['progress', 'accepted']) {
			call.on(name, () => tell(name));
		}
		call.on('confirmed', () => {
			tell('confirmed', call.connection.signalingState);
			if (test.hold > 0) {
				setTimeout(() => call.terminate(), test.hold);
			}
		});
		for (const name of ['ended', 'failed']) {
			call.on(name, e => tell(name, `${e.originator}: ${e.cause}`));
		}
		for (const name of ['getusermedia', 'peerconnection:createoffer', 'peerconnection:setlocaldescription', 'peerconnection:setremotedescription']) {
			call.on(name + 'failed', e => tell(name + 'failed', String(e)));
		}
	});
	ua.on('disconnected', e => tell('disconnected', e.reason));
	ua.start();
});
