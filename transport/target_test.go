package transport

import "testing"

// What chooses an address, a URI or a Via, is somebody else's: nothing is ever sent to many.
func TestTargetCheck(t *testing.T) {
	tests := []struct {
		name string
		t    Target
		ok   bool
	}{
		{"IPv4", Target{Protocol: UDP, Addr: ap("192.0.2.1:5060")}, true},
		{"IPv6", Target{Protocol: TCP, Addr: ap("[2001:db8::1]:5060")}, true},
		{"no protocol", Target{Protocol: 0, Addr: ap("192.0.2.1:5060")}, false},
		{"protocol to come", Target{Protocol: protocolCount, Addr: ap("192.0.2.1:5060")}, false},
		{"no address", Target{Protocol: UDP}, false},
		{"no port", Target{Protocol: UDP, Addr: ap("192.0.2.1:0")}, false},
		{"unspecified", Target{Protocol: UDP, Addr: ap("0.0.0.0:5060")}, false},
		{"unspecified, IPv6", Target{Protocol: UDP, Addr: ap("[::]:5060")}, false},
		{"broadcast", Target{Protocol: UDP, Addr: ap("255.255.255.255:5060")}, false},
		{"broadcast in IPv6", Target{Protocol: UDP, Addr: ap("[::ffff:255.255.255.255]:5060")}, false},
		{"multicast", Target{Protocol: UDP, Addr: ap("224.0.1.75:5060")}, false},
		{"multicast, IPv6", Target{Protocol: UDP, Addr: ap("[ff02::1]:5060")}, false},
	}
	for _, tt := range tests {
		if _, err := tt.t.check(); (err == nil) != tt.ok {
			t.Errorf("%s: check = %v, want ok %v", tt.name, err, tt.ok)
		}
	}
	mapped, err := Target{Protocol: UDP, Addr: ap("[::ffff:192.0.2.1]:5060")}.check()
	if err != nil || mapped.Addr != ap("192.0.2.1:5060") {
		t.Errorf("check of a mapped address = %v, %v, want 192.0.2.1:5060", mapped.Addr, err)
	}
	for _, tt := range []struct{ name, want string }{
		{"", "192.0.2.1"},
		{"Example.COM.", "example.com"},
		{"[2001:DB8::1]", "2001:db8::1"},
	} {
		got, err := Target{Protocol: TLS, Addr: ap("192.0.2.1:5061"), Name: tt.name}.check()
		if err != nil || got.Name != tt.want {
			t.Errorf("check of the name %q = %q, %v, want %q", tt.name, got.Name, err, tt.want)
		}
	}
	if got, err := (Target{Protocol: TCP, Addr: ap("192.0.2.1:5060"), Name: "example.com"}).check(); err != nil || got.Name != "" {
		t.Errorf("check over TCP = %q, %v, want no name: two names of one address share its connection", got.Name, err)
	}
	if got, want := (Target{Protocol: TCP, Addr: ap("[2001:db8::1]:5070")}).String(), "[2001:db8::1]:5070;transport=tcp"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
}
