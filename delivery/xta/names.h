/* The names of XTA 2.1.1 on the wire: namespaces with the prefixes that our requests give them, and
 * the actions of its WSDL. */
#ifndef EB_XTA_NAMES_H
#define EB_XTA_NAMES_H

#define EB_NS_SOAP "http://www.w3.org/2003/05/soap-envelope" /* s */
#define EB_NS_WSA  "http://www.w3.org/2005/08/addressing"    /* wsa */
#define EB_NS_XTA  "http://xoev.de/transport/xta/211"        /* xta */
#define EB_NS_META "http://www.osci.eu/ws/2014/10/transport" /* om */
#define EB_NS_OSCI "http://www.osci.eu/ws/2008/05/transport" /* osci */
#define EB_NS_XOP  "http://www.w3.org/2004/08/xop/include"   /* xop */
#define EB_NS_DS   "http://www.w3.org/2000/09/xmldsig#"      /* ds */
#define EB_NS_XENC "http://www.w3.org/2001/04/xmlenc#"       /* xenc */

#define EB_WSA_ANONYMOUS EB_NS_WSA "/anonymous"

#define EB_ACTION_ACCOUNT "http://www.xta.de/XTA/CheckAccountActive"
#define EB_ACTION_LOOKUP  "http://www.xta.de/XTA/IsServiceAvailable"
#define EB_ACTION_ID      "http://www.xta.de/XTA/CreateMessageID"
#define EB_ACTION_REPORT  "http://www.xta.de/XTA/GetTransportReport"
#define EB_ACTION_SEND    "http://www.xta.de/XTA/SendMessage"
#define EB_ACTION_LIST    EB_NS_OSCI "/urn/messageTypes/MsgBoxStatusListRequest"
#define EB_ACTION_FETCH   EB_NS_OSCI "/urn/messageTypes/MsgBoxFetchRequest"
#define EB_ACTION_CLOSE   EB_NS_OSCI "/urn/messageTypes/MsgBoxCloseRequest"

#endif
