// Package siptest is for tests of SIP software: a network in memory that loses, delays, repeats and cuts, a NAT, scripts of
// call flows, and checks that nothing is left when a test ends. It is made for [testing/synctest], where the 32 seconds
// of a transaction's timers take no time at all.
package siptest
