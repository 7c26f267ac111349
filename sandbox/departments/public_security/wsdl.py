"""The bureau's services as its WSDL describes them (PR-MESS 3.2); `{address}` is where they are."""

from sandbox.departments.public_security.soap import ADDRESS, DUMONITOR, REGISTER, VERSION, XROAD

_HEADER = ("client", "service", "id", "userId", "issue", "protocolVersion")
_TITLES = {
    "findHouseholds": "Households of persons",
    "listExtracts": "Extracts that persons asked for",
    "requestExtract": "Ask for an extract",
}
_SCHEMAS = f"""
    <xs:schema targetNamespace="{ADDRESS}" elementFormDefault="qualified">
      <xs:element name="address"><xs:complexType><xs:sequence>
        <xs:element name="line" type="xs:string" maxOccurs="unbounded"/>
        <xs:element name="postalCode" type="xs:string" minOccurs="0"/>
        <xs:element name="divisionCode" type="xs:string" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:schema>
    <xs:schema targetNamespace="{REGISTER}">
      <xs:import namespace="{ADDRESS}"/>
      <xs:simpleType name="Language"><xs:restriction base="xs:string">
        <xs:enumeration value="zh-CN"/><xs:enumeration value="en"/>
      </xs:restriction></xs:simpleType>
      <xs:simpleType name="ExtractType"><xs:restriction base="xs:string">
        <xs:enumeration value="HOUSEHOLD"/><xs:enumeration value="RESIDENCE"/>
      </xs:restriction></xs:simpleType>
      <xs:simpleType name="BirthDate"><xs:union memberTypes="xs:date xs:gYearMonth xs:gYear"/></xs:simpleType>
      <xs:complexType name="Fault"><xs:sequence>
        <xs:element name="faultCode" type="xs:string"/>
        <xs:element name="faultString" type="xs:string"/>
        <xs:element name="until" type="xs:dateTime" minOccurs="0"/>
        <xs:element name="retryAfter" type="xs:nonNegativeInteger" minOccurs="0"/>
      </xs:sequence></xs:complexType>
      <xs:complexType name="Member"><xs:sequence>
        <xs:element name="name" type="xs:string"/>
        <xs:element name="relation"><xs:simpleType><xs:restriction base="xs:string">
          <xs:enumeration value="HEAD"/><xs:enumeration value="SPOUSE"/><xs:enumeration value="CHILD"/>
          <xs:enumeration value="PARENT"/><xs:enumeration value="SIBLING"/><xs:enumeration value="GRANDCHILD"/>
          <xs:enumeration value="GRANDPARENT"/><xs:enumeration value="OTHER"/>
        </xs:restriction></xs:simpleType></xs:element>
        <xs:element name="birthDate" type="tns:BirthDate" minOccurs="0"/>
      </xs:sequence></xs:complexType>
      <xs:complexType name="Household"><xs:sequence>
        <xs:element name="ofPerson" type="xs:string" maxOccurs="unbounded"/>
        <xs:element name="number" type="xs:string"/>
        <xs:element name="kind"><xs:simpleType><xs:restriction base="xs:string">
          <xs:enumeration value="FAMILY"/><xs:enumeration value="COLLECTIVE"/>
        </xs:restriction></xs:simpleType></xs:element>
        <xs:element ref="adr:address"/>
        <xs:element name="member" type="tns:Member" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType>
      <xs:complexType name="Extract"><xs:sequence>
        <xs:element name="id" type="xs:string"/>
        <xs:element name="personCode" type="xs:string"/>
        <xs:element name="extractType" type="tns:ExtractType"/>
        <xs:element name="state"><xs:simpleType><xs:restriction base="xs:string">
          <xs:enumeration value="REQUESTED"/><xs:enumeration value="READY"/>
        </xs:restriction></xs:simpleType></xs:element>
        <xs:element name="requestedAt" type="xs:dateTime"/>
        <xs:element name="readyBy" type="xs:dateTime" minOccurs="0"/>
        <xs:element name="documentUrl" type="xs:anyURI" minOccurs="0"/>
      </xs:sequence></xs:complexType>
      <xs:complexType name="Persons"><xs:sequence>
        <xs:element name="language" type="tns:Language"/>
        <xs:element name="personCode" type="xs:string" maxOccurs="50"/>
      </xs:sequence></xs:complexType>
      <xs:element name="findHouseholds" type="tns:Persons"/>
      <xs:element name="findHouseholdsResponse"><xs:complexType><xs:choice><xs:sequence>
        <xs:element name="count" type="xs:nonNegativeInteger"/>
        <xs:element name="household" type="tns:Household" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence>
      <xs:element name="fault" type="tns:Fault" maxOccurs="unbounded"/></xs:choice></xs:complexType></xs:element>
      <xs:element name="listExtracts" type="tns:Persons"/>
      <xs:element name="listExtractsResponse"><xs:complexType><xs:choice><xs:sequence>
        <xs:element name="count" type="xs:nonNegativeInteger"/>
        <xs:element name="extract" type="tns:Extract" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence>
      <xs:element name="fault" type="tns:Fault" maxOccurs="unbounded"/></xs:choice></xs:complexType></xs:element>
      <xs:element name="requestExtract"><xs:complexType><xs:sequence>
        <xs:element name="language" type="tns:Language"/>
        <xs:element name="personCode" type="xs:string"/>
        <xs:element name="extractType" type="tns:ExtractType"/>
        <xs:element name="purpose" type="xs:string"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="requestExtractResponse"><xs:complexType><xs:choice>
        <xs:element name="extract" type="tns:Extract"/>
        <xs:element name="fault" type="tns:Fault" maxOccurs="unbounded"/>
      </xs:choice></xs:complexType></xs:element>
    </xs:schema>
    <xs:schema><xs:import namespace="{XROAD}" schemaLocation="{XROAD}"/></xs:schema>"""


def _messages(name: str) -> str:
    return "".join(
        f'\n  <wsdl:message name="{each}"><wsdl:part name="body" element="tns:{each}"/></wsdl:message>'
        for each in (name, f"{name}Response")
    )


def _operation(name: str, title: str) -> str:
    return f"""
    <wsdl:operation name="{name}">
      <wsdl:documentation><xrd:title>{title}</xrd:title></wsdl:documentation>
      <wsdl:input message="tns:{name}"/><wsdl:output message="tns:{name}Response"/>
    </wsdl:operation>"""


def _binding(name: str) -> str:
    blocks = "".join(f'<soap:header message="tns:requestHeader" part="{part}" use="literal"/>' for part in _HEADER)
    return f"""
    <wsdl:operation name="{name}">
      <soap:operation soapAction="" style="document"/><xrd:version>{VERSION}</xrd:version>
      <wsdl:input><soap:body use="literal"/>{blocks}</wsdl:input>
      <wsdl:output><soap:body use="literal"/>{blocks}</wsdl:output>
    </wsdl:operation>"""


_PARTS = "".join(f'<wsdl:part name="{part}" element="xrd:{part}"/>' for part in _HEADER)
WSDL = f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="householdRegister" targetNamespace="{REGISTER}" xmlns:tns="{REGISTER}" xmlns:adr="{ADDRESS}"
    xmlns:du="{DUMONITOR}" xmlns:xrd="{XROAD}" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
  <wsdl:types>{_SCHEMAS}
  </wsdl:types>
  <wsdl:message name="requestHeader">{_PARTS}</wsdl:message>{"".join(map(_messages, _TITLES))}
  <wsdl:portType name="householdRegisterPort">{"".join(_operation(*each) for each in _TITLES.items())}
  </wsdl:portType>
  <wsdl:binding name="householdRegisterSoap11" type="tns:householdRegisterPort">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{"".join(map(_binding, _TITLES))}
  </wsdl:binding>
  <wsdl:service name="householdRegister">
    <wsdl:port name="householdRegisterSoap11" binding="tns:householdRegisterSoap11">
      <soap:address location="{{address}}"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""
