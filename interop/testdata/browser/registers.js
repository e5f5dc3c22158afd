// A page that registers, takes every call, and tells the test whatever JsSIP says of it.
import JsSIP from 'jssip';
import { begin } from './page.js';

begin((test, tell) => {
	const ua = new JsSIP.UA({
		sockets: [new JsSIP.WebSocketInterface(test.server)],
		uri: test.callee,
		password: test.password,
		register_expires: 60,
	});
	ua.on('registered', e => tell('registered', e.response.status_code));
	ua.on('registrationFailed', e => tell('failed', e.cause));
	ua.on('newRTCSession', ({ session: call, originator }) => {
		tell('called', `${originator}: ${call.remote_identity.uri.user}`);
		call.on('confirmed', () => {
			tell('confirmed', call.connection.signalingState);
			if (test.hold > 0) {
				setTimeout(() => call.terminate(), test.hold);
			}
		});
		for (const name of ['hold', 'unhold']) {
			call.on(name, e => tell(name, e.originator));
		}
		for (const name of ['ended', 'failed']) {
			call.on(name, e => tell(name, `${e.originator}: ${e.cause}`));
		}
		for (const name of ['getusermedia', 'peerconnection:createoffer', 'peerconnection:createanswer', 'peerconnection:setlocaldescription', 'peerconnection:setremotedescription']) {
			call.on(name + 'failed', e => tell(name + 'failed', String(e)));
		}
		// Called without an offer, JsSIP makes one without media unless it is told this.
		call.answer({ mediaConstraints: { audio: true, video: false }, rtcOfferConstraints: { offerToReceiveAudio: true } });
	});
	ua.on('disconnected', e => tell('disconnected', e.reason));
	ua.start();
});
