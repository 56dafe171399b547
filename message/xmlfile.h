/* The files of a profile (stylesheet, schemas, catalog): read from local disks only, with a problem
 * that names file and line. They differ from our own files (form/xml.h) in that they may come from
 * others: they have a base address, and W3C's have a DOCTYPE. */
#ifndef EB_XMLFILE_H
#define EB_XMLFILE_H

#include "form/xml.h"

#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

#if LIBXML_VERSION >= 21200
typedef const xmlError *eb_xml_error_t;
#else
typedef xmlErrorPtr eb_xml_error_t;
#endif

/* Freed with `pool`. */
apr_status_t eb_xmlfile_load(xmlDocPtr *doc, const char *file, eb_problem_t **problem,
                             apr_pool_t *pool);

#endif
