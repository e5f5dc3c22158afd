package parser

// Status is a status code, 100 to 699 (RFC 3261, Section 21). 0 means none: a response that is to be dropped.
type Status uint16

// The status codes of RFC 3261, Section 21, and of its extensions.
const (
	StatusTrying                       Status = 100
	StatusRinging                      Status = 180
	StatusCallIsBeingForwarded         Status = 181
	StatusQueued                       Status = 182
	StatusSessionProgress              Status = 183
	StatusEarlyDialogTerminated        Status = 199
	StatusOK                           Status = 200
	StatusAccepted                     Status = 202
	StatusNoNotification               Status = 204
	StatusMultipleChoices              Status = 300
	StatusMovedPermanently             Status = 301
	StatusMovedTemporarily             Status = 302
	StatusUseProxy                     Status = 305
	StatusAlternativeService           Status = 380
	StatusBadRequest                   Status = 400
	StatusUnauthorized                 Status = 401
	StatusPaymentRequired              Status = 402
	StatusForbidden                    Status = 403
	StatusNotFound                     Status = 404
	StatusMethodNotAllowed             Status = 405
	StatusNotAcceptable                Status = 406
	StatusProxyAuthenticationRequired  Status = 407
	StatusRequestTimeout               Status = 408
	StatusGone                         Status = 410
	StatusConditionalRequestFailed     Status = 412
	StatusRequestEntityTooLarge        Status = 413
	StatusRequestURITooLong            Status = 414
	StatusUnsupportedMediaType         Status = 415
	StatusUnsupportedURIScheme         Status = 416
	StatusUnknownResourcePriority      Status = 417
	StatusBadExtension                 Status = 420
	StatusExtensionRequired            Status = 421
	StatusSessionIntervalTooSmall      Status = 422
	StatusIntervalTooBrief             Status = 423
	StatusUseIdentityHeader            Status = 428
	StatusProvideReferrerIdentity      Status = 429
	StatusFlowFailed                   Status = 430
	StatusAnonymityDisallowed          Status = 433
	StatusBadIdentityInfo              Status = 436
	StatusUnsupportedCredential        Status = 437
	StatusInvalidIdentityHeader        Status = 438
	StatusFirstHopLacksOutboundSupport Status = 439
	StatusMaxBreadthExceeded           Status = 440
	StatusBadInfoPackage               Status = 469
	StatusConsentNeeded                Status = 470
	StatusTemporarilyUnavailable       Status = 480
	StatusDoesNotExist                 Status = 481
	StatusLoopDetected                 Status = 482
	StatusTooManyHops                  Status = 483
	StatusAddressIncomplete            Status = 484
	StatusAmbiguous                    Status = 485
	StatusBusyHere                     Status = 486
	StatusRequestTerminated            Status = 487
	StatusNotAcceptableHere            Status = 488
	StatusBadEvent                     Status = 489
	StatusRequestPending               Status = 491
	StatusUndecipherable               Status = 493
	StatusSecurityAgreementRequired    Status = 494
	StatusServerInternalError          Status = 500
	StatusNotImplemented               Status = 501
	StatusBadGateway                   Status = 502
	StatusServiceUnavailable           Status = 503
	StatusServerTimeOut                Status = 504
	StatusVersionNotSupported          Status = 505
	StatusMessageTooLarge              Status = 513
	StatusPreconditionFailure          Status = 580
	StatusBusyEverywhere               Status = 600
	StatusDecline                      Status = 603
	StatusDoesNotExistAnywhere         Status = 604
	StatusNotAcceptableAnywhere        Status = 606
)

// Reason returns the status' usual reason phrase, that of its class for one without.
func (s Status) Reason() string {
	switch s {
	case StatusTrying:
		return "Trying"
	case StatusRinging:
		return "Ringing"
	case StatusCallIsBeingForwarded:
		return "Call Is Being Forwarded"
	case StatusQueued:
		return "Queued"
	case StatusSessionProgress:
		return "Session Progress"
	case StatusEarlyDialogTerminated:
		return "Early Dialog Terminated"
	case StatusOK:
		return "OK"
	case StatusAccepted:
		return "Accepted"
	case StatusNoNotification:
		return "No Notification"
	case StatusMultipleChoices:
		return "Multiple Choices"
	case StatusMovedPermanently:
		return "Moved Permanently"
	case StatusMovedTemporarily:
		return "Moved Temporarily"
	case StatusUseProxy:
		return "Use Proxy"
	case StatusAlternativeService:
		return "Alternative Service"
	case StatusBadRequest:
		return "Bad Request"
	case StatusUnauthorized:
		return "Unauthorized"
	case StatusPaymentRequired:
		return "Payment Required"
	case StatusForbidden:
		return "Forbidden"
	case StatusNotFound:
		return "Not Found"
	case StatusMethodNotAllowed:
		return "Method Not Allowed"
	case StatusNotAcceptable:
		return "Not Acceptable"
	case StatusProxyAuthenticationRequired:
		return "Proxy Authentication Required"
	case StatusRequestTimeout:
		return "Request Timeout"
	case StatusGone:
		return "Gone"
	case StatusConditionalRequestFailed:
		return "Conditional Request Failed"
	case StatusRequestEntityTooLarge:
		return "Request Entity Too Large"
	case StatusRequestURITooLong:
		return "Request-URI Too Long"
	case StatusUnsupportedMediaType:
		return "Unsupported Media Type"
	case StatusUnsupportedURIScheme:
		return "Unsupported URI Scheme"
	case StatusUnknownResourcePriority:
		return "Unknown Resource-Priority"
	case StatusBadExtension:
		return "Bad Extension"
	case StatusExtensionRequired:
		return "Extension Required"
	case StatusSessionIntervalTooSmall:
		return "Session Interval Too Small"
	case StatusIntervalTooBrief:
		return "Interval Too Brief"
	case StatusUseIdentityHeader:
		return "Use Identity Header"
	case StatusProvideReferrerIdentity:
		return "Provide Referrer Identity"
	case StatusFlowFailed:
		return "Flow Failed"
	case StatusAnonymityDisallowed:
		return "Anonymity Disallowed"
	case StatusBadIdentityInfo:
		return "Bad Identity Info"
	case StatusUnsupportedCredential:
		return "Unsupported Credential"
	case StatusInvalidIdentityHeader:
		return "Invalid Identity Header"
	case StatusFirstHopLacksOutboundSupport:
		return "First Hop Lacks Outbound Support"
	case StatusMaxBreadthExceeded:
		return "Max-Breadth Exceeded"
	case StatusBadInfoPackage:
		return "Bad Info Package"
	case StatusConsentNeeded:
		return "Consent Needed"
	case StatusTemporarilyUnavailable:
		return "Temporarily Unavailable"
	case StatusDoesNotExist:
		return "Call/Transaction Does Not Exist"
	case StatusLoopDetected:
		return "Loop Detected"
	case StatusTooManyHops:
		return "Too Many Hops"
	case StatusAddressIncomplete:
		return "Address Incomplete"
	case StatusAmbiguous:
		return "Ambiguous"
	case StatusBusyHere:
		return "Busy Here"
	case StatusRequestTerminated:
		return "Request Terminated"
	case StatusNotAcceptableHere:
		return "Not Acceptable Here"
	case StatusBadEvent:
		return "Bad Event"
	case StatusRequestPending:
		return "Request Pending"
	case StatusUndecipherable:
		return "Undecipherable"
	case StatusSecurityAgreementRequired:
		return "Security Agreement Required"
	case StatusServerInternalError:
		return "Server Internal Error"
	case StatusNotImplemented:
		return "Not Implemented"
	case StatusBadGateway:
		return "Bad Gateway"
	case StatusServiceUnavailable:
		return "Service Unavailable"
	case StatusServerTimeOut:
		return "Server Time-out"
	case StatusVersionNotSupported:
		return "Version Not Supported"
	case StatusMessageTooLarge:
		return "Message Too Large"
	case StatusPreconditionFailure:
		return "Precondition Failure"
	case StatusBusyEverywhere:
		return "Busy Everywhere"
	case StatusDecline:
		return "Decline"
	case StatusDoesNotExistAnywhere:
		return "Does Not Exist Anywhere"
	case StatusNotAcceptableAnywhere:
		return "Not Acceptable"
	}
	switch s / 100 {
	case 1:
		return "Session Progress"
	case 2:
		return "OK"
	case 3:
		return "Multiple Choices"
	case 4:
		return "Bad Request"
	case 5:
		return "Server Internal Error"
	case 6:
		return "Busy Everywhere"
	}
	return ""
}

// Provisional reports whether s is 1xx.
func (s Status) Provisional() bool { return s/100 == 1 }

// Success reports whether s is 2xx.
func (s Status) Success() bool { return s/100 == 2 }

// Final reports whether s is 200 to 699.
func (s Status) Final() bool { return s >= 200 && s < 700 }
