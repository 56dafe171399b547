<?xml version="1.0" encoding="UTF-8"?>
<!-- A chain of a real XÖV standard, to begin one's own with: an application as a free message of XWasser 1.0.0, whose
     publisher hands out its schemas. Nobody receives applications so; it shows what an official stylesheet needs. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:xwas="https://gitlab.opencode.de/akdb/xoev/xwasser/-/raw/main/V1_0_0">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:template match="/vorgang">
    <xwas:vorgang.nachricht.2020 produkt="mod_einbuergerung" produkthersteller="mod_einbuergerung" standard="XWasser" version="1.0.0">
      <xsl:if test="kopf/test">
        <xsl:attribute name="test"><xsl:value-of select="kopf/test"/></xsl:attribute>
      </xsl:if>
      <nachrichtenkopf.g2g>
        <identifikation.nachricht>
          <nachrichtenUUID><xsl:value-of select="kopf/uuid"/></nachrichtenUUID>
          <nachrichtentyp listURI="urn:xoev-de:xwasser:codeliste:nachrichtentyp" listVersionID="1"><code>2020</code></nachrichtentyp>
          <erstellungszeitpunkt><xsl:value-of select="kopf/erstellt"/></erstellungszeitpunkt>
        </identifikation.nachricht>
        <leser><xsl:apply-templates select="kopf/leser"/></leser>
        <autor><xsl:apply-templates select="kopf/autor"/></autor>
        <dvdvDienstkennung>urn:example:dienst</dvdvDienstkennung>
      </nachrichtenkopf.g2g>
      <xwas:identifikationVorgang>
        <xwas:vorgangsID><xsl:value-of select="kopf/uuid"/></xwas:vorgangsID>
        <xwas:aktenzeichen><xsl:value-of select="kopf/vorgangsnummer"/></xwas:aktenzeichen>
      </xwas:identifikationVorgang>
      <xwas:freieNachricht>
        <xwas:rcvrPartnerID><xsl:value-of select="kopf/leser/kennung"/></xwas:rcvrPartnerID>
        <xwas:inhalt>
          <xsl:for-each select="einbuergerungsantrag//*[@typ and not(@typ = 'files')]">
            <xsl:value-of select="concat(local-name(), ': ', ., '&#10;')"/>
          </xsl:for-each>
        </xwas:inhalt>
      </xwas:freieNachricht>
    </xwas:vorgang.nachricht.2020>
  </xsl:template>

  <xsl:template match="leser | autor">
    <verzeichnisdienst listURI="urn:xoev-de:kosit:codeliste:verzeichnisdienst" listVersionID="3">
      <code><xsl:value-of select="verzeichnisdienst"/></code>
    </verzeichnisdienst>
    <kennung><xsl:value-of select="kennung"/></kennung>
    <name><xsl:value-of select="name"/></name>
  </xsl:template>
</xsl:stylesheet>
