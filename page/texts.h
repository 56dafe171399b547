/* Every German sentence and word that is not part of a form definition, in one table, so that a
 * language is one catalogue. EB_TEXT marks texts for extraction; it changes nothing. */
#ifndef EB_TEXTS_H
#define EB_TEXTS_H

#define EB_TEXT(s) s

#endif
