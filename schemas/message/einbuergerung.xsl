<?xml version="1.0" encoding="UTF-8"?>
<!-- From the answers of the form (message/source.c says in which shape they come) to the neutral message of
     schemas/message/einbuergerung.xsd. Not an official standard; an authority that has one names its own
     stylesheet and schema in the configuration.

     Three rules carry most of it. A field becomes an element of its kind: code, partial date or plain value. A group
     becomes an element with its name, birth, title … first, and its other fields in the order of the form. The lists of
     the form move into the section to which they belong. Names lose their underscores: hat_kinder is hatKinder. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:nachricht="urn:mod-einbuergerung:nachricht:1">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:variable name="verzeichnisdienst-version" select="'3'"/>
  <xsl:variable name="erreichbarkeit-version" select="'3'"/>

  <xsl:template match="/vorgang">
    <nachricht:antrag.einbuergerung.0100 produkt="mod_einbuergerung" produkthersteller="mod_einbuergerung"
                                         produktversion="{kopf/produktversion}"
                                         standard="mod_einbuergerung-Nachricht" version="1.0">
      <xsl:if test="kopf/test">
        <xsl:attribute name="test"><xsl:value-of select="kopf/test"/></xsl:attribute>
      </xsl:if>
      <xsl:apply-templates select="kopf"/>
      <vorgang>
        <vorgangsnummer><xsl:value-of select="kopf/vorgangsnummer"/></vorgangsnummer>
        <gemeindeschluessel><xsl:value-of select="kopf/ags"/></gemeindeschluessel>
        <formular>
          <version><xsl:value-of select="kopf/formularversion"/></version>
          <pruefsumme><xsl:value-of select="kopf/formularhash"/></pruefsumme>
        </formular>
      </vorgang>
      <xsl:apply-templates select="einbuergerungsantrag"/>
    </nachricht:antrag.einbuergerung.0100>
  </xsl:template>

  <!-- The header, in the shape of the XÖV-Basisnachricht g2g 1.1 -->

  <xsl:template match="kopf">
    <nachrichtenkopf.g2g>
      <identifikation.nachricht>
        <nachrichtenUUID><xsl:value-of select="uuid"/></nachrichtenUUID>
        <nachrichtentyp listURI="urn:mod-einbuergerung:codeliste:nachrichtentyp" listVersionID="1">
          <code>0100</code>
        </nachrichtentyp>
        <erstellungszeitpunkt><xsl:value-of select="erstellt"/></erstellungszeitpunkt>
      </identifikation.nachricht>
      <leser><xsl:apply-templates select="leser"/></leser>
      <autor><xsl:apply-templates select="autor"/></autor>
    </nachrichtenkopf.g2g>
  </xsl:template>

  <xsl:template match="leser | autor">
    <verzeichnisdienst listURI="urn:xoev-de:kosit:codeliste:verzeichnisdienst"
                       listVersionID="{$verzeichnisdienst-version}">
      <code><xsl:value-of select="verzeichnisdienst"/></code>
    </verzeichnisdienst>
    <kennung><xsl:value-of select="kennung"/></kennung>
    <name><xsl:value-of select="name"/></name>
    <xsl:apply-templates select="email | telefon"/>
  </xsl:template>

  <xsl:template match="kopf/*/email | kopf/*/telefon">
    <erreichbarkeit>
      <kanal listURI="urn:de:xoev:codeliste:erreichbarkeit" listVersionID="{$erreichbarkeit-version}">
        <code>
          <xsl:choose>
            <xsl:when test="self::email">01</xsl:when>
            <xsl:otherwise>02</xsl:otherwise>
          </xsl:choose>
        </code>
      </kanal>
      <kennung><xsl:value-of select="."/></kennung>
    </erreichbarkeit>
  </xsl:template>

  <!-- The application: its sections, each with the lists that belong to it -->

  <xsl:template match="einbuergerungsantrag">
    <antrag>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'antragsgegenstand'"/>
        <xsl:with-param name="kern" select="antrag"/>
      </xsl:call-template>
      <xsl:apply-templates select="vertretung"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'person'"/>
        <xsl:with-param name="kern" select="person"/>
        <xsl:with-param name="dazu" select="fruehere_namen/*"/>
      </xsl:call-template>
      <xsl:apply-templates select="kontakt"/>
      <xsl:apply-templates select="staatsangehoerigkeiten/*"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'herkunft'"/>
        <xsl:with-param name="kern" select="herkunft"/>
        <xsl:with-param name="dazu" select="fruehere_staatsangehoerigkeiten/*"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'identitaet'"/>
        <xsl:with-param name="kern" select="identitaet"/>
        <xsl:with-param name="dazu" select="ausweise/*"/>
      </xsl:call-template>
      <xsl:apply-templates select="wehrdienst"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'aufenthalt'"/>
        <xsl:with-param name="kern" select="aufenthalt"/>
        <xsl:with-param name="dazu" select="inlandsaufenthalte/* | auslandsaufenthalte/* | asylverfahren |
                                            fruehere_antraege/* | sperrfrist"/>
      </xsl:call-template>
      <xsl:apply-templates select="ehegatte | fruehere_ehen/* | kinder/* | eltern/*"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'bildung'"/>
        <xsl:with-param name="kern" select="bildung"/>
        <xsl:with-param name="dazu" select="schulabschluesse/* | ausbildungen/* | studien/*"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'beruf'"/>
        <xsl:with-param name="kern" select="beruf"/>
        <xsl:with-param name="dazu" select="beschaeftigungen/* | selbstaendigkeit"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'lebensunterhalt'"/>
        <xsl:with-param name="kern" select="lebensunterhalt"/>
        <xsl:with-param name="dazu" select="einkommen/* | leistungen/* | unterhaltspflichten/* | wohnung | vorsorge"/>
      </xsl:call-template>
      <xsl:apply-templates select="sprache | test"/>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'straftaten'"/>
        <xsl:with-param name="kern" select="straftaten"/>
        <xsl:with-param name="dazu" select="verurteilungen_inland/* | verurteilungen_ausland/* |
                                            ermittlungsverfahren_inland/* | ermittlungsverfahren_ausland/* |
                                            massregeln/*"/>
      </xsl:call-template>
      <xsl:call-template name="abschnitt">
        <xsl:with-param name="als" select="'bekenntnis'"/>
        <xsl:with-param name="kern" select="bekenntnis"/>
        <xsl:with-param name="dazu" select="mitgliedschaften/*"/>
      </xsl:call-template>
      <xsl:apply-templates select="erklaerungen"/>
    </antrag>
  </xsl:template>

  <xsl:template name="abschnitt">
    <xsl:param name="als"/>
    <xsl:param name="kern"/>
    <xsl:param name="dazu" select="/.."/>
    <xsl:if test="$kern or $dazu">
      <xsl:element name="{$als}">
        <xsl:apply-templates select="$kern" mode="inhalt"/>
        <xsl:apply-templates select="$dazu"/>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <!-- Groups -->

  <xsl:template match="*">
    <xsl:variable name="als"><xsl:apply-templates select="." mode="als"/></xsl:variable>
    <xsl:element name="{$als}">
      <xsl:apply-templates select="." mode="inhalt"/>
    </xsl:element>
  </xsl:template>

  <xsl:template match="*" mode="inhalt">
    <xsl:call-template name="name"/>
    <xsl:call-template name="geburt"/>
    <xsl:apply-templates select="staatsangehoerigkeit_1 | staatsangehoerigkeit_2 | staatsangehoerigkeit_3"/>
    <xsl:call-template name="anschrift-mit-staat"/>
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'aufenthaltstitel'"/>
      <xsl:with-param name="felder" select="titel | titel_paragraph | titel_erteilt_am | titel_befristet |
                                            titel_gueltig_bis | titel_behoerde"/>
    </xsl:call-template>
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'ausweis'"/>
      <xsl:with-param name="felder" select="ausweis_art | ausweis_nummer | ausweis_behoerde | ausweis_gueltig_bis"/>
    </xsl:call-template>
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'eheschliessung'"/>
      <xsl:with-param name="felder" select="eheschliessung_am | eheschliessung_ort | eheschliessung_staat"/>
    </xsl:call-template>
    <xsl:apply-templates select="*" mode="rest"/>
  </xsl:template>

  <!-- In a former marriage, name and nationality are those of the other person. -->
  <xsl:template match="fruehere_ehe" mode="inhalt">
    <xsl:apply-templates select="art | von | ort | staat | bis | beendigungsgrund | gericht | aktenzeichen"/>
    <xsl:if test="familienname | ohne_vorname | vornamen | geburtsdatum | staatsangehoerigkeit">
      <ehegatte>
        <xsl:call-template name="name"/>
        <xsl:call-template name="geburt"/>
        <xsl:apply-templates select="staatsangehoerigkeit"/>
      </ehegatte>
    </xsl:if>
  </xsl:template>

  <xsl:template name="name">
    <xsl:if test="familienname | ohne_vorname | vornamen | geburtsname | doktorgrad | namensbestandteile">
      <name>
        <xsl:apply-templates select="familienname" mode="allgemeiner-name"/>
        <xsl:choose>
          <xsl:when test="vornamen"><xsl:apply-templates select="vornamen" mode="allgemeiner-name"/></xsl:when>
          <xsl:when test="ohne_vorname">
            <vornamen><nichtVorhanden><xsl:value-of select="ohne_vorname"/></nichtVorhanden></vornamen>
          </xsl:when>
        </xsl:choose>
        <xsl:apply-templates select="geburtsname" mode="allgemeiner-name"/>
        <xsl:apply-templates select="doktorgrad | namensbestandteile"/>
      </name>
    </xsl:if>
  </xsl:template>

  <xsl:template match="*" mode="allgemeiner-name">
    <xsl:element name="{local-name()}">
      <name><xsl:value-of select="."/></name>
    </xsl:element>
  </xsl:template>

  <xsl:template name="geburt">
    <xsl:call-template name="teil">
      <xsl:with-param name="als" select="'geburt'"/>
      <xsl:with-param name="felder" select="geburtsdatum | geburtsort | geburtsbezirk | geburtsstaat"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="anschrift-mit-staat">
    <xsl:if test="anschrift_staat">
      <anschrift>
        <xsl:apply-templates select="anschrift_staat | anschrift/*"/>
      </anschrift>
    </xsl:if>
  </xsl:template>

  <xsl:template name="teil">
    <xsl:param name="als"/>
    <xsl:param name="felder"/>
    <xsl:if test="$felder">
      <xsl:element name="{$als}">
        <xsl:apply-templates select="$felder"/>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <!-- What the parts above have taken is not repeated among the rest. -->
  <xsl:template mode="rest" match="*">
    <xsl:apply-templates select="."/>
  </xsl:template>
  <xsl:template mode="rest" match="familienname | ohne_vorname | vornamen | geburtsname | doktorgrad | namensbestandteile |
                                   geburtsdatum | geburtsort | geburtsbezirk | geburtsstaat |
                                   staatsangehoerigkeit_1 | staatsangehoerigkeit_2 | staatsangehoerigkeit_3 |
                                   anschrift_staat | anschrift[../anschrift_staat] |
                                   titel | titel_paragraph | titel_erteilt_am | titel_befristet | titel_gueltig_bis |
                                   titel_behoerde | ausweis_art | ausweis_nummer | ausweis_behoerde |
                                   ausweis_gueltig_bis | eheschliessung_am | eheschliessung_ort | eheschliessung_staat"/>

  <!-- Fields -->

  <xsl:template match="*[@typ]">
    <xsl:variable name="als"><xsl:apply-templates select="." mode="als"/></xsl:variable>
    <xsl:element name="{$als}"><xsl:value-of select="."/></xsl:element>
  </xsl:template>

  <xsl:template match="*[@typ = 'code']" priority="1">
    <xsl:variable name="als"><xsl:apply-templates select="." mode="als"/></xsl:variable>
    <xsl:element name="{$als}">
      <xsl:copy-of select="@listURI | @listVersionID"/>
      <code><xsl:value-of select="."/></code>
      <xsl:if test="@name">
        <name><xsl:value-of select="@name"/></name>
      </xsl:if>
    </xsl:element>
  </xsl:template>

  <xsl:template match="*[@typ = 'partialDate']" priority="1">
    <xsl:variable name="als"><xsl:apply-templates select="." mode="als"/></xsl:variable>
    <xsl:element name="{$als}">
      <xsl:choose>
        <xsl:when test="string-length() = 10"><jahrMonatTag><xsl:value-of select="."/></jahrMonatTag></xsl:when>
        <xsl:when test="string-length() = 7"><jahrMonat><xsl:value-of select="."/></jahrMonat></xsl:when>
        <xsl:otherwise><jahr><xsl:value-of select="."/></jahr></xsl:otherwise>
      </xsl:choose>
    </xsl:element>
  </xsl:template>

  <!-- What an element is called in the message -->

  <xsl:template match="*" mode="als">
    <xsl:call-template name="ohne-unterstriche">
      <xsl:with-param name="name" select="local-name()"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template mode="als" match="fruehere_name">fruehererName</xsl:template>
  <xsl:template mode="als" match="fruehere_antrag">fruehererAntrag</xsl:template>
  <xsl:template mode="als" match="verurteilungen_inland/*">verurteilungInland</xsl:template>
  <xsl:template mode="als" match="verurteilungen_ausland/*">verurteilungAusland</xsl:template>
  <xsl:template mode="als" match="ermittlungsverfahren_inland/*">ermittlungsverfahrenInland</xsl:template>
  <xsl:template mode="als" match="ermittlungsverfahren_ausland/*">ermittlungsverfahrenAusland</xsl:template>
  <xsl:template mode="als" match="elternteil_1 | elternteil_2">elternteil</xsl:template>
  <xsl:template mode="als" match="staatsangehoerigkeit_1 | staatsangehoerigkeit_2 | staatsangehoerigkeit_3"
                >staatsangehoerigkeit</xsl:template>
  <xsl:template mode="als" match="zeile_1 | zeile_2 | zeile_3">zeile</xsl:template>
  <xsl:template mode="als" match="anschrift_staat | eheschliessung_staat | geburtsstaat">staat</xsl:template>
  <xsl:template mode="als" match="eheschliessung_ort | geburtsort">ort</xsl:template>
  <xsl:template mode="als" match="geburtsbezirk">bezirk</xsl:template>
  <xsl:template mode="als" match="eheschliessung_am | geburtsdatum">datum</xsl:template>
  <xsl:template mode="als" match="titel | ausweis_art">art</xsl:template>
  <xsl:template mode="als" match="titel_paragraph">rechtsgrundlage</xsl:template>
  <xsl:template mode="als" match="titel_erteilt_am">erteiltAm</xsl:template>
  <xsl:template mode="als" match="titel_befristet">befristet</xsl:template>
  <xsl:template mode="als" match="titel_gueltig_bis | ausweis_gueltig_bis">gueltigBis</xsl:template>
  <xsl:template mode="als" match="titel_behoerde | ausweis_behoerde">behoerde</xsl:template>
  <xsl:template mode="als" match="ausweis_nummer">nummer</xsl:template>

  <xsl:template name="ohne-unterstriche">
    <xsl:param name="name"/>
    <xsl:choose>
      <xsl:when test="contains($name, '_')">
        <xsl:variable name="danach" select="substring-after($name, '_')"/>
        <xsl:value-of select="substring-before($name, '_')"/>
        <xsl:value-of select="translate(substring($danach, 1, 1), 'abcdefghijklmnopqrstuvwxyz',
                                        'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/>
        <xsl:call-template name="ohne-unterstriche">
          <xsl:with-param name="name" select="substring($danach, 2)"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$name"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
